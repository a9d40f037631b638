/** Writes the URL of every module that a process loads into the file that UNET_MODULES names. */
import { appendFileSync } from 'node:fs';
import Module, { register } from 'node:module';

register(
  `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync } from 'node:fs';
    export async function load(url, context, next) {
      appendFileSync(process.env.UNET_MODULES, url + '\\n');
      return next(url, context);
    }
  `)}`,
);

// CommonJS modules that others require pass by the hooks.
const original = Module._load;
Module._load = function watch(request, ...rest) {
  appendFileSync(process.env.UNET_MODULES ?? '', `${request}\n`);
  return original.call(this, request, ...rest);
};
