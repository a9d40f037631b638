import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { installCommand } from '../../../runtime/engine/install-command.js';

const folder = mkdtempSync(path.join(tmpdir(), 'unet-install-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('names the command for a clone, a dependency and a global installation', () => {
  const packages = ['@tensorflow/tfjs-backend-webgpu', 'webgpu'];
  const versions = '@tensorflow/tfjs-backend-webgpu@4.22 webgpu@0.6';
  expect(installCommand(packages)).toBe(`npm install --no-save --ignore-scripts=false ${versions}`);
  const project = path.join(folder, 'project');
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{}');
  const root = `${path.join(project, 'node_modules', 'unet-lang')}${path.sep}`;
  expect(installCommand(packages, root)).toBe(`npm install ${versions}`);
  expect(installCommand(packages, path.join(folder, 'lib', 'node_modules', 'unet-lang'))).toBe(
    `npm install -g ${versions}`,
  );
});
