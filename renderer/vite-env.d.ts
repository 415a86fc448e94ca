/** What the bundler resolves besides code. */
declare module '*.css' {}
declare module '@fontsource-variable/inter' {}
