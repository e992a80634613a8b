import { Argument, type Command } from 'commander';
import type { OrderWords } from '../app/host-orders.js';
import type { Shell } from './shell.js';
import { describeCommand, settingsOf, withConfigFile } from './start.js';

const EXAMPLES = [
  'hosts --redis redis://queue:6379',
  'hosts drain http://gpu2:11434 --redis redis://queue:6379',
  'hosts add http://gpu9:11434,slots=4 --redis redis://queue:6379',
];

const ORDERS = `
Orders: drain (finish what is in hand, take nothing new), resume (takes back a drain), add (every worker serves it too),
remove (takes back an add). They hold until they are taken back.`;

const WORDS = ['drain', 'resume', 'add', 'remove'] as const satisfies readonly OrderWords['order'][];

/** `visionbatch hosts [drain|resume|add|remove URL] --redis URL` */
export function hosts(command: Command, shell: Shell): void {
  command.addArgument(new Argument('[order]', 'what to do with a host').choices(WORDS));
  command.argument('[host]', 'its URL; to add one also slots=N, as --host takes it').addHelpText('after', ORDERS);
  withConfigFile(describeCommand(command, 'hosts', EXAMPLES)).action(async (named?: string, host?: string) => {
    const { settings } = await settingsOf(command, { shell, name: 'hosts' });
    const { listHosts, orderHost } = await import('../app/host-orders.js');
    const order = WORDS.find((word) => word === named);
    if (order === undefined) return shell.exit(await listHosts(settings, shell.io));
    if (host === undefined) return command.error("error: missing required argument 'host'");
    shell.exit(await orderHost({ order, host }, settings, shell.io));
  });
}
