import jStat from 'jstat';

/** P(Z <= x) of the standard normal. */
export function normalCdf(x: number): number {
  return jStat.normal.cdf(x, 0, 1);
}

/** x with P(Z <= x) = p, p within (0, 1). */
export function normalQuantile(p: number): number {
  return jStat.normal.inv(p, 0, 1);
}

/** P(T <= x) of Student's t. */
export function studentCdf(x: number, freedom: number): number {
  return jStat.studentt.cdf(x, freedom);
}

/** x with P(T <= x) = p of Student's t, p within (0, 1). */
export function studentQuantile(p: number, freedom: number): number {
  return jStat.studentt.inv(p, freedom);
}

/** P(T <= x) of the noncentral t: of (Z + noncentrality) / sqrt(chi-squared / freedom). */
export function noncentralStudentCdf(x: number, freedom: number, noncentrality: number): number {
  return jStat.noncentralt.cdf(x, freedom, noncentrality);
}
