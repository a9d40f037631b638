#!/usr/bin/env node
/** `main.cts` under the name of a module, for `import` and for scripts that name it. */
import './main.cjs';
