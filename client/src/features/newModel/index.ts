/** `SCV: New Model…`: a template and a data set, as a new file that isn't saved anywhere yet. */
import { type Disposable, type QuickPickItem, window, workspace } from 'vscode';
import { type ModelTemplate, modelTemplates, newModelText } from '../../../../server/src/protocol/newModel.ts';
import type { Commands } from '../../platform/commands.ts';
import type { LanguageServer } from '../../platform/languageServer.ts';

export function registerNewModel(commands: Commands, server: LanguageServer): Disposable {
  return commands.register('scv.newModel', async () => {
    const template = await chooseTemplate(await server.ask(modelTemplates, {}));
    const dataset = template && (await chooseDataSet(template));
    if (template === undefined || dataset === undefined) return;
    const { text } = await server.ask(newModelText, { template: template.id, dataset });
    const document = await workspace.openTextDocument({ language: 'scv', content: text });
    await window.showTextDocument(document);
  });
}

async function chooseTemplate(templates: readonly ModelTemplate[]): Promise<ModelTemplate | undefined> {
  const items = templates.map((template) => ({ label: template.title, detail: template.summary, template }));
  const chosen = await window.showQuickPick(items, {
    title: 'New Model',
    placeHolder: 'What is it for?',
    matchOnDetail: true,
  });
  return chosen?.template;
}

/** Doesn't ask where there is nothing to choose. */
async function chooseDataSet({ title, datasets }: ModelTemplate): Promise<string | undefined> {
  if (datasets.length < 2) return datasets[0]?.name;
  const items = datasets.map(({ name, summary }): QuickPickItem => ({ label: name, description: summary }));
  const chosen = await window.showQuickPick(items, {
    title: `New ${title}`,
    placeHolder: 'Which images is it for? Sizes, channels and classes are those of the data set.',
    matchOnDescription: true,
  });
  return chosen?.label;
}
