import type { Distinct } from '../profile.ts';
import { encodeRegisters, estimateDistinct, HYPERLOGLOG_ERROR, type HyperLogLog } from './hyperloglog.ts';

/** A count of different values that is exact, with registers when the values themselves are not listed. */
export function exactDistinct(value: number, registers: HyperLogLog | null): Distinct {
  return {
    method: 'exact@1',
    value,
    error: 0,
    registers: registers === null ? null : encodeRegisters(registers),
  };
}

/** A count estimated from registers; never more than the `rows` that have a value. */
export function estimatedDistinct(registers: HyperLogLog, rows: number): Distinct {
  return {
    method: 'hyperloglog/p14@1',
    value: Math.min(rows, estimateDistinct(registers)),
    error: HYPERLOGLOG_ERROR,
    registers: encodeRegisters(registers),
  };
}
