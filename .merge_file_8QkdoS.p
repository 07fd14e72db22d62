# Developing SCV

You need Node and npm; on Linux x64 any Node from 20 on will do, because `npm install` brings the Node 24 that the
scripts run with. Elsewhere it has to be Node 22.18 or newer.

```sh
npm install && npm start    # builds, and opens VS Code on examples/ with the extension
npm install && npm test     # everything that is checked
```

## Running it

`npm start` takes the `code` on your PATH, or the VS Code that `VSCODE_EXECUTABLE` names. Where there is neither, it
serves one to your browser, on this machine only, and prints the address; it runs until Ctrl-C, and its settings are
thrown away.

In VS Code itself press **F5** ("Run Extension"). "Run Extension and Language Server" debugs both processes.

`npm run dev` rebuilds on every change, of the grammar too, and says which command takes the new build into use:
_Developer: Reload Window_ for the client, _SCV: Restart Language Server_ for the server. _SCV: Show Language Server
Log_ shows what both write down.

## Checking it

| command                         | what it does                                                                           |
| ------------------------------- | -------------------------------------------------------------------------------------- |
| `npm run test:quick`            | the unit tests; seconds, nothing but Node                                              |
| `npx mocha test/core/x.test.ts` | one file of them                                                                       |
| `npm test`                      | everything below; the last line is `N passed, N failed`                                |
| `npm run test:long`             | the generated cases in their full number: minutes                                      |
| `npm run docs`                  | writes the layers' pages in `docs/layers/` anew                                        |
| `npm run golden`                | renews golden facts and Python, where PyTorch agrees                                   |
| `npm run bench`                 | how right and fast, beside other tools; ends with 1 where a goal is missed             |
| `npm test - lint unit`          | some of its stages                                                                     |
| `npm run lint`                  | ESLint with types; also who may import whom (the table is `scripts/rooms.ts`)          |
| `npm run typecheck`             | `tsc -b`; it only checks, Node runs TypeScript as it is and esbuild makes the products |
| `npm run format`                | Prettier, 120 columns                                                                  |

The stages of `npm test`, in `scripts/test.ts`:

| stage                        | what                                                                                           | needs                 |
| ---------------------------- | ---------------------------------------------------------------------------------------------- | --------------------- |
| `formatting` `lint` `types`  | the tools; each counts as one test                                                             | Node                  |
| `unit`                       | `test/**/*.test.ts` but the two below; they mirror the sources                                 | Node                  |
| `oracle`                     | `test/oracle/`: what we say against what the real PyTorch says                                 | Python                |
| `extension-host`             | `test/integration/host/`: mocha inside VS Code's extension host, through VS Code's API         | code-server, Chromium |
| `package` and then `browser` | makes the `.vsix`; `test/integration/browser/`: it is installed and used by mouse and keyboard | code-server, Chromium |

Screenshots and logs of the last two are in `test/.artifacts/`. What a stage needs is set up on first use; where that
can't be done, the stage fails and says what to do. Nothing is skipped.

**Desktop VS Code.** The tests of `extension-host` run in a desktop VS Code where `VSCODE_EXECUTABLE` names one, or
where `VSCODE_TEST_DOWNLOAD` (`stable`, or a version) allows `@vscode/test-electron` to download one. So far that way
has only been gone with a stand-in that records how it is called (`test/scripts/desktop.test.ts`), and so has
`npm start` with `code`: a run in a real desktop VS Code is still to come.

## Packaging it

`npm run package` makes `scv-<platform>-<version>.vsix` for this machine, `npm run package -- darwin-arm64` for another.
It holds the two bundles, the grammar, the layers' pages, the licence and the licences of what is bundled. Install it with
_Extensions: Install from VSIX…_.

## The layers' pages

`docs/layers/` is made of the catalogue: `scripts/layerPages/` runs each entry's own rules, on its example for the
picture and the numbers, and on names for the formulas. `npm run docs` writes it, a test holds it against the entries,
and the `.vsix` has it with it. A hover links to a page: in VS Code by the command `scv.openLayerPage`, which the client
names when it starts the server (`initializationOptions: { layerPageCommand }`), in any other editor by the file's URI.

`npm run screenshots` takes the pictures in `docs/images/` anew.

## What is set up, and where

Big things that only development needs lie in `$XDG_CACHE_HOME/scv`, else `~/.cache/scv`, for all checkouts together.
Each has its version in its name and may be deleted at any time; it is made anew when it is needed.

| folder           | what                                                                                                                 | size   | time    |
| ---------------- | -------------------------------------------------------------------------------------------------------------------- | ------ | ------- |
| `code-server-…`  | VS Code's server, from npm (`scripts/codeServer.ts`)                                                                 | 800 MB | 2 min   |
| `python-peers-…` | torchinfo, fvcore and ptflops for the bench, on top of the next one (`scripts/pythonEnvironment.ts`)                 | 20 MB  | 10 s    |
| `python-torch-…` | a Python environment with PyTorch, torchvision and ruff (`scripts/pythonEnvironment.ts`); `SCV_PYTHON` names another | 1 GB   | 1–4 min |

It is filled under a name of its own and known by a link that is made in one step, so a half-filled folder is never
used, and two processes can't break each other's.

`npm run bench` takes half an hour with all models; `npm run bench -- keys growth` is soon done, and
`npm run bench -- peers resnet50` compares one model. `--write` puts the report into `docs/benchmarks.md`; run it on a
machine that does nothing else. With `SCV_PROFILE=folder` the language server leaves a CPU profile of each text there.

Chromium is taken from the PATH or from `CHROMIUM`; as root on Debian it is installed with apt-get.
Python is the `python3` on your PATH (3.11 or newer, with venv).
