import { array, object, string } from './check.ts';
import type { Request } from './message.ts';

/** A kind of model to begin with. */
export interface ModelTemplate {
  id: string;
  title: string;
  summary: string;
  /** The data sets that it can be made for. */
  datasets: { name: string; summary: string }[];
}

export interface NewModelParams {
  /** A template's id, and the name of one of its data sets. */
  template: string;
  dataset: string;
}

/** Client → server: what `SCV: New Model…` offers. */
export const modelTemplates: Request<object, ModelTemplate[]> = {
  method: 'scv/modelTemplates',
  params: object<object>({}),
  result: array(
    object<ModelTemplate>({
      id: string,
      title: string,
      summary: string,
      datasets: array(object<ModelTemplate['datasets'][number]>({ name: string, summary: string })),
    }),
  ),
};

/** Client → server: the text of a new file. */
export const newModelText: Request<NewModelParams, { text: string }> = {
  method: 'scv/newModelText',
  params: object<NewModelParams>({ template: string, dataset: string }),
  result: object<{ text: string }>({ text: string }),
};
