/** What a graph is emitted for. Formulations read it from the builder. */
export interface Target {
  /** Version of the standard operators. */
  readonly opset: number;
  /** Version of the file format. */
  readonly irVersion: number;
  /** Whether onnxruntime's own operators, domain `com.microsoft`, are available. */
  readonly contributed: boolean;
  /**
   * The execution provider whose fastest formulations are used where all sizes are known; undefined for a graph that any
   * runtime may load, in which an operation is its standard operator where there is one.
   */
  readonly provider: 'cpu' | undefined;
}

/** Graphs that the `onnx` engine runs in this process. Version 20 is the first with Gelu. */
export const cpuEngine: Target = { opset: 20, irVersion: 9, contributed: true, provider: 'cpu' };

/** Files for other programs. Version 17 is the first with LayerNormalization, and widely supported. */
export const exportedFile: Target = { opset: 17, irVersion: 8, contributed: false, provider: undefined };
