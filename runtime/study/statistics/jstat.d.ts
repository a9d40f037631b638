/** The functions of jStat that are used here; it does not include types. */
declare module 'jstat' {
  const jStat: {
    readonly normal: {
      cdf(x: number, mean: number, deviation: number): number;
      inv(p: number, mean: number, deviation: number): number;
    };
    readonly studentt: {
      cdf(x: number, freedom: number): number;
      inv(p: number, freedom: number): number;
    };
    readonly noncentralt: { cdf(x: number, freedom: number, noncentrality: number): number };
  };
  export default jStat;
}
