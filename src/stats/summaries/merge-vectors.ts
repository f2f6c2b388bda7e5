import type { NumberProfile, VectorProfile } from '../profile.ts';
import { estimatedDistinct } from './distinct.ts';
import { decodeRegisters, emptyRegisters, mergeRegisters } from './hyperloglog.ts';
import { noTopVectors } from './top-values.ts';
import { describeComponents, momentsOfComponents } from './vector-components.ts';
import { combineVectorMoments } from './vector-moments.ts';

type Common = Pick<VectorProfile, 'name' | 'types' | 'rows' | 'nulls' | 'absent'>;

const SUMMED = ['nan', 'infinite', 'nanComponents', 'infiniteComponents', 'finite', 'zeros'] as const;

/**
 * Parts of one column of vectors of one length; `norm` is their norms' merged profile. Counts and ranges are exact,
 * moments to rounding, different vectors within their stated error.
 */
export function mergeVectors(common: Common, parts: readonly VectorProfile[], norm: NumberProfile): VectorProfile {
  const [first] = parts;
  if (first === undefined) throw new Error('vectors are merged of at least one part');
  const { type, dimension } = first;
  const registers = emptyRegisters();
  for (const { distinct } of parts) {
    if (distinct.registers !== null) mergeRegisters(registers, decodeRegisters(distinct.registers));
  }
  const counts = { nan: 0, infinite: 0, nanComponents: 0, infiniteComponents: 0, finite: 0, zeros: 0 };
  for (const part of parts) for (const name of SUMMED) counts[name] += part[name];
  const filled = common.rows - common.nulls;
  return {
    kind: 'vector',
    ...common,
    type,
    dimension,
    ...counts,
    norm,
    components: describeComponents(
      parts.map(({ components }) => momentsOfComponents(components, dimension)).reduce(combineVectorMoments),
    ),
    distinct: estimatedDistinct(registers, filled),
    top: noTopVectors(filled),
  };
}
