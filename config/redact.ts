export { redact } from '../src/core/redact.js';
