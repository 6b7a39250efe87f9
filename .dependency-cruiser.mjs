const OURS = '^(contract|main|preload|renderer|native-models|e2e|bench|scripts)/';
const TEST = '\\.test\\.ts$';

/** A folder may import only itself, what `allowed` names, and packages. */
function layer(folder, allowed, hint) {
  return {
    name: `layer ${folder}`,
    comment: `${folder}/ may import ${allowed.length ? allowed.join(', ') : 'nothing of ours'}. ${hint}`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: TEST },
    to: { path: OURS, pathNot: [folder, ...allowed].map((name) => `^${name}/`) },
  };
}

export default {
  forbidden: [
    {
      name: 'no cycles',
      comment: 'Two files import each other: move what both need into a third that imports neither.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    layer('contract', [], 'Code that needs more than schemas and plain functions belongs with its user.'),
    layer(
      'main/electron',
      ['main/launch', 'main/studio', 'contract'],
      'What both shells need belongs in main/launch or main/studio.',
    ),
    layer(
      'main/browser',
      ['main/launch', 'main/studio', 'contract'],
      'What both shells need belongs in main/launch or main/studio.',
    ),
    layer(
      'main/launch',
      ['main/studio', 'main/server', 'main/engines', 'main/models', 'main/outputs', 'contract'],
      'What is native belongs behind Shell (main/studio/shell.ts), implemented in main/electron and main/browser.',
    ),
    layer('main/server', ['main/studio', 'contract'], 'State and rules belong in main/studio.'),
    layer(
      'main/studio',
      ['main/engines', 'main/outputs', 'contract'],
      'What is native belongs behind Shell (main/studio/shell.ts), implemented in main/electron and main/browser.',
    ),
    layer('main/engines', ['contract'], 'What steers an engine belongs in main/studio.'),
    layer('main/models', ['main/engines', 'contract'], 'What a person asks for comes through main/launch.'),
    layer('main/outputs', ['contract'], 'What steers an output belongs in main/studio.'),
    layer('preload', ['contract'], 'The preload is only named verbs: do the work in main/electron.'),
    layer('renderer/engine-link', ['contract'], 'What only one of stage and sound needs belongs there.'),
    layer(
      'renderer/stage',
      ['renderer/engine-link', 'contract'],
      'What needs the window belongs in renderer/capture or renderer/studio.',
    ),
    layer(
      'renderer/sound',
      ['renderer/capture', 'renderer/engine-link', 'contract'],
      'What needs the interface belongs in renderer/studio.',
    ),
    layer('renderer/capture', ['contract'], 'What needs the interface belongs in renderer/studio.'),
    layer(
      'renderer/studio',
      ['renderer', 'contract'],
      'What needs Node belongs in main and is asked for over RPC.',
    ),
    {
      name: 'electron only in its folder',
      comment: 'Only main/electron and preload import electron: add a verb to Shell (main/studio/shell.ts).',
      severity: 'error',
      from: { path: OURS, pathNot: ['^main/electron/', '^preload/', '^e2e/'] },
      to: { path: '(^|/)node_modules/electron/' },
    },
    {
      name: 'onnxruntime-node only in engines',
      comment: 'ONNX Runtime blocks its thread while it runs: the code belongs in main/engines.',
      severity: 'error',
      from: { path: OURS, pathNot: ['^main/engines/', '^bench/', '^e2e/'] },
      to: { path: '(^|/)node_modules/onnxruntime-node/' },
    },
    {
      name: 'no Node in the renderer',
      comment: 'The renderer has no Node: ask main over RPC (contract/rpc.ts).',
      severity: 'error',
      from: { path: '^renderer/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no test code in the product',
      comment: 'A test helper that the product needs is not a test helper: move it out of the test.',
      severity: 'error',
      from: { path: '^(contract|main|preload|renderer)/', pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'resolvable',
      comment: 'This import leads nowhere: check its spelling, or add the package to package.json.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\?(worker|url|raw|modulePath)|^vite/client$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.svelte', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'svelte', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
    reporterOptions: { text: { highlightFocused: false } },
  },
};
