/** The twin of `taken-numbers.ts` of `stats`. */

/** How many rows had a value. */
export let present: i32 = 0;

/**
 * Leaves of the values at `at` those that are numbers, one behind the other, -0 as 0; returns how many they are. `valid`:
 * where the mask of the rows with a value is; 0 where all have.
 */
export function take(at: usize, count: i32, valid: usize): i32 {
  return valid == 0 ? takeAll(at, count) : takeValid(at, count, valid);
}

function takeAll(at: usize, count: i32): i32 {
  present = count;
  const end = at + (<usize>count << 3);
  const zero = f64x2.splat(0);
  let from = at;
  for (; from + 16 <= end; from += 16) {
    const two = v128.load(from);
    if (!i64x2.all_true(f64x2.eq(two, two))) break;
    v128.store(from, f64x2.add(two, zero));
  }
  let into = from;
  for (; from < end; from += 8) {
    const v = load<f64>(from);
    store<f64>(into, v + 0);
    into += <usize>(v == v) << 3;
  }
  return <i32>((into - at) >> 3);
}

function takeValid(at: usize, count: i32, valid: usize): i32 {
  let into = at;
  let values = 0;
  for (let i = 0; i < count; i++) {
    const v = load<f64>(at + (<usize>i << 3));
    const bit = (<i32>load<u8>(valid + <usize>(i >> 3)) >> (i & 7)) & 1;
    store<f64>(into, v + 0);
    into += <usize>(bit & <i32>(v == v)) << 3;
    values += bit;
  }
  present = values;
  return <i32>((into - at) >> 3);
}
