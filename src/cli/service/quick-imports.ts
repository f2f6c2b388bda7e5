import { registerHooks } from 'node:module';

const MODULE_OF_DRIZZLE = /\/node_modules\/drizzle-orm\/.*\.js$/;

/**
 * Resolves what drizzle-orm's files import of each other, instead of Node.
 *
 * To learn that such a file is a module, Node 24.21 parses the package's package.json (179 kB of exports) again for
 * each of 170 files: half a second and 150 MB of garbage at every start. Import this before anything that imports
 * drizzle-orm, and import the rest dynamically: static imports are resolved before any of them runs.
 */
registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL ?? '';
    // Its CommonJS twins, which end in .cjs, do not suffer from it.
    if (!specifier.startsWith('.') || !MODULE_OF_DRIZZLE.test(parent)) return next(specifier, context);
    return { url: new URL(specifier, parent).href, format: 'module', shortCircuit: true };
  },
});
