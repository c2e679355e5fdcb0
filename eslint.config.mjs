// What the linter refuses. Type-aware rules are errors where a type checker alone is silent and a bug is likely: a promise nobody waits for, a switch
// that forgets a state, an `any` that swallows a mistake. Rules about taste are off; prettier and the reader decide those.
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      '.dist-*/**',
      'node_modules/**',
      'coverage/**',
      '.hearth/**',
      'libs/protocol/src/generated/**',
    ],
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.recommended],
    rules: {
      '@typescript-eslint/no-require-imports': 'off', // runtimes and loaders are CommonJS on purpose
      'no-empty': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, allowDefaultCaseForExhaustiveSwitch: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', prefer: 'type-imports' },
      ],
      'no-empty': 'error', // an empty catch hides what went wrong
      eqeqeq: ['error', 'always'],
      'no-console': 'error', // apps log by #telemetry; commands write to their streams

      // Off, since what they refuse is how this code is meant to read.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off', // noUncheckedIndexedAccess forces it where an index is known to be good
      '@typescript-eslint/no-confusing-void-expression': 'off', // () => close() is fine
      '@typescript-eslint/no-extraneous-class': 'off', // Nest modules are empty classes
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off', // it does not see what an await may change
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off', // what was caught is passed on as it is
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off', // what it calls unnecessary is sometimes needed, and its fix breaks the build
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // types here are structural on purpose
      '@typescript-eslint/no-meaningless-void-operator': 'off', // void marks what is left out on purpose
      '@typescript-eslint/unbound-method': 'off', // query builders hand out functions that need no `this`
      '@typescript-eslint/no-unnecessary-type-conversion': 'off', // drivers of databases do not always keep to the declared type
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.conformance.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off', // expect.any and friends are any
      '@typescript-eslint/no-unsafe-member-access': 'off', // answers of a server are looked at as they come
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off', // stand-ins implement asynchronous seams
      'no-console': 'off',
    },
  },
);
