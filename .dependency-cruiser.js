/** The one-way streets of docs/architecture.md: api → chain → agent ← web. */
const webDoors = '^agent/(protocols|formats|status|notes|trust-lists)/|^agent/(errors|trust)\\.ts$'

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-orphan-packages', severity: 'error', from: { path: '^(agent|chain|api|web)', pathNot: '^web/(build|vite\\.config)\\.ts$' }, to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown', 'undetermined'], pathNot: 'node_modules/@types' } },
    { name: 'agent-knows-nobody', severity: 'error', from: { path: '^agent/' }, to: { path: '^(api|chain|web|scripts|test|bench)/' } },
    { name: 'agent-knows-no-sql-no-server', severity: 'error', from: { path: '^agent/' }, to: { path: 'node_modules/(kysely|pg|@electric-sql|express)/' } },
    { name: 'chain-reaches-agent-only', severity: 'error', from: { path: '^chain/' }, to: { path: '^(api|web|scripts|test|bench)/' } },
    { name: 'only-chain-speaks-json-rpc', severity: 'error', from: { path: '^(api|web)/' }, to: { path: 'node_modules/ethers/' } },
    { name: 'api-not-web', severity: 'error', from: { path: '^api/' }, to: { path: '^(web|scripts|test|bench)/' } },
    { name: 'web-uses-five-doors-of-agent', severity: 'error', from: { path: '^web/' }, to: { path: '^agent/', pathNot: webDoors } },
    { name: 'web-reaches-api-over-http', severity: 'error', from: { path: '^web/' }, to: { path: '^(api|chain|scripts|test|bench)/' } },
    { name: 'shared-files-use-web-apis', severity: 'error', from: { path: '^agent/(protocols|formats|status|notes|trust-lists)/', pathNot: '-node\\.ts$' }, to: { dependencyTypes: ['core'] } },
    {
      name: 'api-folders-meet-in-app', severity: 'error',
      // `city` is what a city does as a whole at its start, `cli` the same from a command line: composition, like app.ts.
      from: { path: '^api/([^/]+)/', pathNot: '^api/(platform|city|cli)/' },
      to: { path: '^api/[^/]+/', pathNot: ['^api/$1/', '^api/platform/', '/types\\.ts$', '^api/city/identity\\.ts$'] }
    },
    { name: 'platform-knows-no-feature', severity: 'error', from: { path: '^api/platform/' }, to: { path: '^api/', pathNot: '^api/platform/' } },
    { name: 'only-routes-know-express', severity: 'error', from: { path: '^api/', pathNot: '(^api/platform/|/routes\\.ts$|^api/(app|main)\\.ts$)' }, to: { path: 'node_modules/(@types/)?express/' } },
    {
      name: 'only-stores-know-sql', severity: 'error',
      from: { path: '^api/', pathNot: ['^api/(platform|city)/', '/(status-)?store\\.ts$', '/migrations\\.ts$', '/types\\.ts$', '^api/(app|main)\\.ts$'] },
      to: { path: 'node_modules/kysely/', dependencyTypesNot: ['type-only'] }
    }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'web/tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'], extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] }
  }
}
