/** The value of a number as Python reads it; undefined where Python refuses it. */
export declare function numberValue(text: string): bigint | number | undefined;
/** What a string in quotes says; a closing quote may be missing. */
export declare function stringValue(text: string): string;
