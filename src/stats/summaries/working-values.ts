let values = new Float64Array(0);

/**
 * Room for the values of one batch of one column. It is the same for all columns, thousands of which would each keep
 * their own; whoever takes it is done with it before another does.
 */
export function workingValues(length: number): Float64Array {
  if (values.length < length) values = new Float64Array(length);
  return values;
}
