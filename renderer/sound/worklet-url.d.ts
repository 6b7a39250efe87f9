/** A file built as a module of its own; the default export is its URL. */
declare module '*?worker&url' {
  const url: string;
  export default url;
}
