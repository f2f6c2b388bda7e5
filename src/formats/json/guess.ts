/** Which columns a sample of the records has, and of what types. A guess: the whole file decides. */
import { isTidemarkError } from '../../errors.ts';
import type { Field } from '../../stats/column.ts';
import { spreadSample } from '../byte-sample.ts';
import { RecordBlocks, type RecordSource } from './blocks.ts';
import { JsonSurvey } from './survey.ts';

/** The columns of the sample in order of first appearance. Records that cannot be read are no evidence here. */
export async function guessFields(from: RecordSource, path: string | null): Promise<Field[]> {
  const survey = new JsonSurvey();
  const slots = new Map<string, number>();
  for await (const { source, end } of spreadSample(from.source, path)) {
    const blocks = new RecordBlocks({ ...from, source, span: { start: 0, end } });
    const found = new JsonSurvey();
    try {
      for await (const block of blocks.read()) found.add(block, blocks.names.length);
    } catch (error) {
      // A spot may begin inside a record, and a record may be longer than the sample.
      if (!isTidemarkError(error)) throw error;
    }
    for (const slot of blocks.met) {
      const name = blocks.names[slot]!;
      const known = slots.get(name) ?? slots.size;
      slots.set(name, known);
      survey.absorb(known, found.found(slot));
    }
  }
  const names = [...slots.keys()];
  return survey.readableSlots(names.length).map((slot) => ({ name: names[slot]!, type: survey.typeOf(slot) }));
}
