# The house

SCV is three projects. `server/` knows the language; `client/` is glue between it and VS Code; `server/src/protocol/` is
what they say to each other. Almost everything worth knowing is in `server/src/core/`, which is pure: no editor, no file
system, no parser, no process. The compiler guards that (its own tsconfig has no types but ECMAScript's), ESLint guards
who may import whom, and `test/architecture.test.ts` guards both.

## One way through

```
.scv text ─langium→ AST ─→ definitions ─elaborate→ model graph ─analyse→ facts ─→ diagnostics · hovers · summary
                            (plain data,            (instances,                    PyTorch
                             ranges by part)         names, tensors)
```

Data goes one way, and text is the only truth. Nothing keeps a second copy of a model.

1. **Text → definitions.** `language/text/` cuts the tokens into imports, headers and statements and parses each by
   itself, so a mistake stays in its part; `language/reading/` turns the syntax tree into `core/definition.ts`. Ranges there
   are relative to their part: a new line above changes nothing in a definition, only in its `Placement`.
2. **Definitions → graph.** `core/elaborate/` is the one evaluator. _Concretely_, for given arguments and input shapes,
   every `if`, `for` and `* n` is decided and what comes out is an `Instance` (`core/graph.ts`), a tree of modules with
   tensors running between its leaves. Equal uses share one instance (`InstanceCache`), which outlives an edit when no text
   that it depends on changed. _Openly_, parameters have no value: both arms of an undecided `if` are visited and each loop
   once.
3. **The generic form** (`elaborate/generic.ts`) is an open elaboration with parameters and input sizes as symbols. Sizes
   are found optimistically and held against every use in the program; one that gives another number somewhere becomes a
   constructor argument. PyTorch is written from it, so a block stays a class and a loop stays a loop.
   `test/core/generic.test.ts` holds every generic fact against every instance, always.
   A _sketch_ is an open elaboration with nothing known: what is wrong with a definition whatever it is fed.
4. **Facts.** `core/analysis/` collects problems, counts and rows; an instance's `facts` say what was found at each place
   of the text, for hovers.

## Rooms

| room                                              | what                                                                                                                     |
| ------------------------------------------------- | ------------------------------------------------------------------------------------------------------------------------ |
| `src/core/definition.ts`                          | what a file says                                                                                                         |
| `src/core/dimension.ts`, `dimension/`             | exact integers over symbols, and when two agree ("H divisible by 16")                                                    |
| `src/core/layers/`                                | THE catalogue, by torch's families: all that is known of a layer is in its entry; `apply.ts` runs an entry               |
| `src/core/elaborate/`                             | the evaluator, around a `Frame`: expressions, statements, stages, calls; names in PyTorch (`names.ts`); the generic form |
| `src/core/analysis/`                              | one file's facts; checks that need no shapes; counts and summaries                                                       |
| `src/core/pytorch/`                               | definitions and generic facts → Python                                                                                   |
| `src/language/`                                   | the only importer of langium: grammar, parsing by parts, scopes, the formatter, one file an LSP feature                  |
| `src/protocol/`                                   | every message once, typed and checked where it arrives                                                                   |
| `src/cli/`, `src/scv.ts`, `src/languageServer.ts` | composition roots: they may import every room, nothing imports them                                                      |
| `../client/src/`                                  | `extension.ts` puts it together; `features/`; `platform/` (the language client, one error boundary for all commands)     |

`client → protocol`, `protocol, language, cli → core`: never the other way.

## What is not there, on purpose

- **No Python at run time.** PyTorch is the oracle of the tests, not a part of the product.
- **No layer by name outside the catalogue.** Validation, shapes, counts, completion, hovers and Python read the entry. The
  few exceptions are field checks (`Linear` on a feature map), the operator `@`, which is the entry `MatMul`, what people
  call a layer elsewhere (`elaborate/habits.ts`), what of torch.nn is none here (`layers/absent.ts`) and which ones are
  common (`layers/byRank.ts`): words for people.
- **No guess about free sizes.** Two sizes differ for all values (an error), agree for all, or agree under a condition that
  is told.
- **No positions in the core.** A `Site` is a definition, a part and a range in it; the edge adds where the part is now.
- **No unrolled Python.** What has no generic form is passed as a number.

## Recipes

**Add a layer.** Read `Conv2d` in `core/layers/convolution.ts`; write one entry in the file of its family and list it at the
end. Its parameters say what is inferred, what torch refuses and what the rules get; `shape` refuses with a sentence that
teaches, `sees` says what a place of its output sees (receptive fields), `example` shows it where the usual example
doesn't. `test/oracle/layers.test.ts` and `sight.test.ts` hold it against torch: give it a case maker there. `npm run docs`
writes its page.

**Add a check.** What depends on shapes is said where it is found, by `frame.error` or a rule's `call.refuse`; what
the text alone tells is a file in `core/analysis/checks/`. Give it a code in `docs/diagnostics.md` and a golden case in
`test/golden/diagnostics/`: a test asks for both.

**Add a message.** A file in `src/protocol/` with its method, types, checks and meaning (`generatePyTorch.ts` is one); handle
it in `language/`, send it from a feature of the client.
