/**
 * The import direction of docs/architecture.md: words ← stations ← flow ← edge.
 * scripts/check.mjs runs it, and proves on planted violations that every rule fires.
 */
const { Visitor } = require('@swc/core/Visitor.js');

// dependency-cruiser 17 walks the tree with this visitor, which does not know `using` and would end there. What stands in
// such a declaration can import nothing but dynamically.
const visitStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function (statement) {
  return statement.type === 'UsingDeclaration' ? statement : visitStatement.call(this, statement);
};

const STATIONS = 'jobs|config|src/(?:inputs|pixels|engines|results|telemetry)';
const FLOW = 'workers|src/producer';
const EDGE = 'src/(?:app|web|cli)|src/index\\.ts';
const OURS = `src/core|${STATIONS}|${FLOW}|${EDGE}`;

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', 'Two files that need each other are one file, or three.', {}, { circular: true }),
    rule(
      'words-import-words',
      'core is pure: it knows nothing of the rest.',
      { path: '^src/core/' },
      { path: `^(?:${OURS})`, pathNot: '^src/core/' },
    ),
    rule(
      'stations-import-words',
      'A station imports core and its own folder; app connects stations.',
      { path: `^(${STATIONS})/` },
      { path: `^(?:${OURS})`, pathNot: ['^src/core/', '^$1/'] },
    ),
    rule(
      'flow-imports-stations-and-words',
      'Neither the edge nor the other folder of the flow.',
      { path: `^(${FLOW})/` },
      { path: `^(?:${FLOW}|${EDGE})`, pathNot: '^$1/' },
    ),
    rule(
      'shared-engine-parts-know-no-engine',
      'guard, profiles and slots serve every engine.',
      { path: '^src/engines/(guard|profiles|slots)/' },
      { path: '^src/engines/[^/]+/', pathNot: '^src/engines/$1/' },
    ),
    rule(
      'engines-know-no-other-engine',
      'What two engines share lies in guard, profiles, slots or the port.',
      { path: '^src/engines/(ollama|cpu-ocr)/' },
      { path: '^src/engines/(?:ollama|cpu-ocr)/', pathNot: '^src/engines/$1/' },
    ),
    rule('nothing-imports-tests', 'Test code is not shipped.', { path: `^(?:${OURS})` }, { path: '^test/' }),
    rule(
      'redis-behind-the-ports',
      'Everything else speaks to Queue and Fleet.',
      { pathNot: '^jobs/bullmq-[^/]*\\.ts$' },
      { path: '^node_modules/(?:bullmq|ioredis)/' },
    ),
    rule(
      'commander-in-the-cli',
      'The command line is a translator, and nobody else speaks it.',
      { pathNot: '^src/cli/' },
      { path: '^node_modules/commander/' },
    ),
    {
      name: 'one-importer-per-package',
      comment: 'A package is imported by one file, which speaks our words to the rest.',
      severity: 'error',
      from: { path: `^(?:${OURS})` },
      module: {
        path: '^node_modules/',
        pathNot: '^node_modules/(?:zod|bullmq|ioredis|p-limit|undici|commander)/',
        numberOfDependentsMoreThan: 1,
      },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json', '.d.ts'] },
  },
};
