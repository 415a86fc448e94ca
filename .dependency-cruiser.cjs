// Who may import whom. One named rule per sentence; each comment says what to do instead. Types count (tsPreCompilationDeps).
const TEST = '(\\.test\\.tsx?$|^core/testing/|/fixtures/)';
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: TEST },
  to: { pathNot: allowed, dependencyTypesNot: ['core'] },
});
const ROLE_DEPS =
  '^core/(contract|net|socks|transports|registry|roles|options|errors|auth|identd|log)(/|\\.ts$)|^node_modules/(zod|ws|smux-ts)/|^packages/smux-ts/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Move what both need below both.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A module nobody imports is dead or an entry: delete it or list it as an entry.',
      from: {
        orphan: true,
        pathNot: [
          TEST,
          '\\.d\\.ts$',
          '^renderer/vite-env',
          '^core/contract/',
          '^e2e/',
          '^packages/[^/]+/(bench|interop|test)/',
        ],
      },
      to: {},
    },
    {
      name: 'contract-is-pure',
      severity: 'error',
      comment:
        'The contract runs in every process: types and data only, no imports outside its folder, not even node:.',
      from: { path: '^core/contract/', pathNot: TEST },
      to: { pathNot: '^core/contract/' },
    },
    only(
      'net-knows-no-socks',
      '^core/net/',
      '^core/(contract|net|errors|roles|log)(/|\\.ts$)',
      'core/net moves bytes; protocol knowledge goes to core/socks or a role folder.',
    ),
    only(
      'socks-is-wire-only',
      '^core/socks/',
      '^core/(contract|net|socks|errors)(/|\\.ts$)',
      'core/socks is wire formats; behaviour goes to handlers or connectors.',
    ),
    only(
      'transports-know-no-role',
      '^core/transports/',
      '^core/(contract|net|transports|registry|roles|options|errors|log)(/|\\.ts$)|^node_modules/(zod|ws|@peculiar|reflect-metadata|smux-ts)/|^packages/smux-ts/',
      'What a dialer and a listener share lives in transports; it must not know either.',
    ),
    only(
      'listeners-are-strangers',
      '^core/listeners/',
      `${ROLE_DEPS}|^core/listeners/`,
      'Role folders never import each other: share through core/transports or core/net.',
    ),
    only(
      'dialers-are-strangers',
      '^core/dialers/',
      `${ROLE_DEPS}|^core/dialers/`,
      'Role folders never import each other: share through core/transports or core/net.',
    ),
    only(
      'handlers-are-strangers',
      '^core/handlers/',
      `${ROLE_DEPS}|^core/handlers/`,
      'Role folders never import each other: share through core/socks or core/net.',
    ),
    only(
      'connectors-are-strangers',
      '^core/connectors/',
      `${ROLE_DEPS}|^core/connectors/`,
      'Role folders never import each other: share through core/socks or core/net.',
    ),
    {
      name: 'protocols-see-no-app',
      severity: 'error',
      comment: 'Protocols get what they need through deps; they do not reach for the engine, config or host.',
      from: {
        path: '^core/(net|socks|transports|listeners|dialers|handlers|connectors|chains|stats)/',
        pathNot: TEST,
      },
      to: {
        path: '^core/(config|host|engine|service|session|generation|catalog)(/|\\.ts$)|^electron/|^renderer/',
      },
    },
    {
      name: 'catalog-has-few-readers',
      severity: 'error',
      comment:
        'Only configuration and the docs script read the catalog; the engine gets ready components in its plan.',
      from: { pathNot: ['^core/(config|host)/', '^scripts/', TEST] },
      to: { path: '^core/catalog\\.ts$' },
    },
    {
      name: 'core-is-headless',
      severity: 'error',
      comment: 'core runs in plain Node: nothing of Electron or React there.',
      from: { path: '^core/' },
      to: { path: '^electron/|^renderer/|^node_modules/(electron|react|react-dom|zustand)/' },
    },
    {
      name: 'renderer-sees-contract-only',
      severity: 'error',
      comment: 'The window knows the contract, not the engine, not even its types.',
      from: { path: '^renderer/' },
      to: { path: '^(core/(?!contract/)|electron/)' },
    },
    {
      name: 'electron-is-thin',
      severity: 'error',
      comment: 'electron/ may use the host and the contract; sockets and protocols stay in core.',
      from: { path: '^electron/', pathNot: TEST },
      to: { path: '^core/(?!host/|contract/|errors|log)' },
    },
    {
      name: 'e2e-drives-from-outside',
      severity: 'error',
      comment: 'End-to-end tests use the product as a person would; they may read the contract.',
      from: { path: '^e2e/' },
      to: { path: '^(core/(?!contract/)|electron/|renderer/)' },
    },
    {
      name: 'smux-stands-alone',
      severity: 'error',
      comment: 'packages/smux-ts is publishable: it imports node: and itself.',
      from: { path: '^packages/smux-ts/src/', pathNot: TEST },
      to: { pathNot: '^packages/smux-ts/src/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'no-dev-dependency-in-product',
      severity: 'error',
      comment: 'What core or electron import at run time is a dependency, not a devDependency.',
      from: { path: '^(core|electron)/', pathNot: TEST },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^node_modules/(electron|@types)/',
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|release|\\.cache)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
