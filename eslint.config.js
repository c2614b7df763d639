import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const browserOnly = ['process', 'Buffer', 'require', '__dirname'].map((name) => ({
  name,
  message: 'This file also runs in the browser: use Web APIs.'
}))

export default tseslint.config(
  { ignores: ['**/dist/', 'node_modules/', '.tools/', '.symbolon/', 'artifacts/', 'cache/', 'chain/abi/', 'ignition/deployments/', 'coverage/'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'prefer-const': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }]
    }
  },
  {
    files: ['api/**/*.ts', 'chain/**/*.ts', 'agent/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { '@typescript-eslint/no-floating-promises': 'error', '@typescript-eslint/no-misused-promises': 'error' }
  },
  {
    files: ['agent/{protocols,formats,status,notes}/**/*.ts'],
    ignores: ['**/*-node.ts'],
    rules: { 'no-restricted-globals': ['error', ...browserOnly] }
  },
  { files: ['web/**/*.{ts,tsx}'], plugins: { 'react-hooks': reactHooks }, rules: { ...reactHooks.configs.recommended.rules } },
  { files: ['scripts/**', 'bench/**', 'test/**', 'web/build.ts'], rules: { 'no-console': 'off' } },
  { files: ['test/**'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
  { files: ['test/reporter.mjs', '*.config.{js,ts}', '.dependency-cruiser.js', 'ignition/**', '**/vite.config.ts', 'web/vite*.ts'], rules: { 'no-restricted-exports': 'off' } }
)
