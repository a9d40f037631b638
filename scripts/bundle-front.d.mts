export declare function bundleFront(built: string): Promise<void>;
