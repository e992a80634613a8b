import { describe, expect, it } from 'vitest';
import { denialOf, isOutage } from '../../../jobs/bullmq-outage.js';

describe('what Redis says', () => {
  it.each([
    "OOM command not allowed when used memory > 'maxmemory'. script: f_1, on @user_script:1.",
    "READONLY You can't write against a read only replica.",
    'NOAUTH HELLO must be called with the client already authenticated',
    'WRONGPASS invalid username-password pair or user is disabled.',
    "NOPERM this user has no permissions to run the 'evalsha' command",
    "ERR Error running script (call to f_1): @user_script:2: @user_script: 2: -OOM command not allowed when used memory > 'maxmemory'.",
    "ERR Error running script (call to f_1): @user_script:2: @user_script: 2: -READONLY You can't write against a read only replica.",
    "ERR ACL failure in script: User miller has no permissions to run the 'set' command script: f_1, on @user_script:1.",
    "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: The user executing the script can't run this command or subcommand",
    'connect ECONNREFUSED 127.0.0.1:6379',
  ])('may be another thing later: %s', (message) => {
    expect(isOutage(message)).toBe(true);
  });

  it.each([
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'ERR Error running script (call to f_1): @user_script:2: a fault of ours that names OOM',
    'Missing lock for job 1. moveToFinished',
  ])('is a fault that stays: %s', (message) => {
    expect(isOutage(message)).toBe(false);
  });

  it('is told as a matter of passwords or of rights where it is one', () => {
    expect(denialOf('NOAUTH Authentication required.')?.reason).toBe('it wants another password');
    expect(denialOf("ERR ACL failure in script: User miller has no permissions to run the 'set' command")?.reason).toBe(
      'this user may not do what a queue needs',
    );
    expect(denialOf('LOADING Redis is loading the dataset in memory')).toBeNull();
  });
});
