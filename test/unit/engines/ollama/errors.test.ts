import { describe, expect, it } from 'vitest';
import { type FailureCode, VisionError } from '../../../../src/core/errors.js';
import { refusalError, socketError, streamError } from '../../../../src/engines/ollama/errors.js';

const json = (error: string) => JSON.stringify({ error });
const nested = (message: string) => json(JSON.stringify({ error: { code: 500, message, type: 'server_error' } }));

function refused(status: number, body: string): VisionError {
  return refusalError({ host: 'http://gpu', status, headers: {}, body, shown: null });
}

describe('what a server says', () => {
  // Texts that no recording holds; the recorded ones are in the contract test.
  it.each<[number, string, FailureCode]>([
    [400, json('the prompt is longer than the context length currently available to the model'), 'CONTEXT_EXCEEDED'],
    [500, nested('audio input is not supported - hint: …'), 'IMAGE_UNREADABLE'],
    [500, json('Failed to create new sequence: failed to process inputs: image: unknown format'), 'IMAGE_UNREADABLE'],
    [404, json('model "x" not found, try pulling it first'), 'MODEL_MISSING'],
    [400, json('invalid model name'), 'MODEL_MISSING'],
    [500, json('llama-server process has terminated: signal: segmentation fault'), 'MODEL_LOAD_FAILED'],
    [500, json('error starting llama-server: fork/exec'), 'MODEL_LOAD_FAILED'],
    [500, json('llama-server reported out-of-memory during startup: cudaMalloc'), 'MODEL_LOAD_FAILED'],
    [500, json("error loading model: unknown model architecture: 'mllama'"), 'MODEL_LOAD_FAILED'],
    [500, json('timed out waiting for llama-server to start - progress 0.1'), 'MODEL_LOAD_FAILED'],
    [500, json('model requires more system memory (9 GiB) than is available (4 GiB)'), 'MODEL_LOAD_FAILED'],
    [500, json('model runner has unexpectedly stopped, this may be due to resource limitations'), 'HOST_CRASHED'],
    [500, json('an error was encountered while running the model: CUDA error: out of memory'), 'HOST_CRASHED'],
    [500, json('unexpected server status: llm server error'), 'HOST_CRASHED'],
    [500, json('no slots available after 10 retries'), 'HOST_CRASHED'],
    [500, json('words of a server to come'), 'HOST_CRASHED'],
    [500, json('error reading llama-server response: context canceled'), 'HOST_UNREACHABLE'],
    [499, json('request canceled'), 'HOST_UNREACHABLE'],
    [500, json('option "temperature" must be of type float32'), 'ASK_REFUSED'],
    [401, json('unauthorized'), 'HOST_FORBIDDEN'],
    [403, json('ollama cloud is disabled'), 'HOST_FORBIDDEN'],
    [408, '<html>Request Timeout</html>', 'HOST_TIMEOUT'],
    [413, '<html><h1>413 Request Entity Too Large</h1></html>', 'HOST_REFUSED'],
    [429, json('rate limit'), 'HOST_BUSY'],
    [503, json('Server overloaded, please retry shortly (ref: 1)'), 'HOST_BUSY'],
    [502, '<html><h1>502 Bad Gateway</h1></html>', 'HOST_UNREACHABLE'],
    [504, '<html><h1>504 Gateway Time-out</h1></html>', 'HOST_UNREACHABLE'],
    [400, 'Client sent an HTTP request to an HTTPS server.', 'HOST_REFUSED'],
    [400, '<center>The plain HTTP request was sent to HTTPS port</center>', 'HOST_REFUSED'],
    [418, 'teapot', 'HOST_REFUSED'],
    [200, 'Ollama is running', 'HOST_REFUSED'],
  ])('%i %s is %s', (status, body, code) => {
    expect(refused(status, body).code).toBe(code);
  });

  it('is told in our words, then in its own, then with what to do', () => {
    expect(refused(404, json("model 'x:1b' not found")).sentence).toBe(
      'http://gpu does not have the model. It said: "model \'x:1b\' not found". Run `ollama pull x:1b` there.',
    );
  });

  it('names the servers that still run llama3.2-vision', () => {
    const { sentence } = refused(500, json("error loading model: unknown model architecture: 'mllama'"));
    expect(sentence).toContain('only servers before 0.30 run');
  });

  it('is read where a further line follows the nested error', () => {
    const error = `${JSON.stringify({ error: { message: 'got exception: Chunk not found' } })}\nout of memory`;
    expect(refused(500, json(error)).sentence).toContain('It said: "got exception: Chunk not found".');
  });

  it('is cut where it is long, and without a page’s tags', () => {
    const { sentence } = refused(502, `<html><p>${'x'.repeat(5_000)}</p></html>`);
    expect(sentence.length).toBeLessThan(600);
    expect(sentence).not.toContain('<');
  });

  it('names a host bound to loopback behind the empty 403', () => {
    expect(refused(403, '').sentence).toMatch(/foreign host name.*OLLAMA_HOST=0\.0\.0\.0/);
  });
});

describe('what an answer in the making dies of', () => {
  it('has no status, so that only its words decide', () => {
    expect(streamError('http://gpu', new Error('llama-server chat error: whatever'), 'so far')).toMatchObject({
      code: 'HOST_CRASHED',
      partialText: 'so far',
    });
    const context = new Error('request (9 tokens) exceeds the available context size (8 tokens), try increasing it');
    expect(streamError('http://gpu', context, '')).toMatchObject({ code: 'CONTEXT_EXCEEDED' });
  });

  it('keeps a code that it has, and says it once', () => {
    const error = streamError('http://gpu', new VisionError('HOST_BUSY', 'Later.', { fix: 'Wait.' }), 'so far');
    expect(error).toMatchObject({ code: 'HOST_BUSY', sentence: 'Later. Wait.', partialText: 'so far' });
  });
});

describe('what a connection dies of', () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });

  it.each<[string, FailureCode]>([
    ['ECONNREFUSED', 'HOST_UNREACHABLE'],
    ['ENOTFOUND', 'HOST_UNREACHABLE'],
    ['EAI_AGAIN', 'HOST_UNREACHABLE'],
    ['EHOSTUNREACH', 'HOST_UNREACHABLE'],
    ['ENETUNREACH', 'HOST_UNREACHABLE'],
    ['ECONNRESET', 'HOST_UNREACHABLE'],
    ['EPIPE', 'HOST_UNREACHABLE'],
    ['UND_ERR_SOCKET', 'HOST_UNREACHABLE'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'HOST_FORBIDDEN'],
    ['CERT_HAS_EXPIRED', 'HOST_FORBIDDEN'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOST_FORBIDDEN'],
    ['CERT_NOT_YET_VALID', 'HOST_FORBIDDEN'],
    ['CERT_REVOKED', 'HOST_FORBIDDEN'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'HOST_REFUSED'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'HOST_UNREACHABLE'],
    ['UND_ERR_CONNECT_TIMEOUT', 'HOST_TIMEOUT'],
    ['ETIMEDOUT', 'HOST_TIMEOUT'],
    ['UND_ERR_INVALID_ARG', 'UNEXPECTED'],
  ])('%s is %s', (code, expected) => {
    expect(socketError('http://gpu', coded(code)).code).toBe(expected);
  });

  it('is looked for in the cause', () => {
    const thrown = new TypeError('fetch failed', { cause: coded('ECONNREFUSED') });
    expect(socketError('http://gpu', thrown).code).toBe('HOST_UNREACHABLE');
  });
});
