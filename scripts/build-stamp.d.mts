export declare const root: string;
export declare const stampFile: string;
export declare function hashOfSources(folder?: string): string;
export declare function isBuilt(hash?: string): boolean;
