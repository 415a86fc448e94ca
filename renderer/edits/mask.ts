/** Passwords in a text of any of the forms that are imported, hidden for showing. The text itself is not changed. */
const MARK = '••••••';
const VALUE =
  /((?:password|passphrase|token|kcp\.key|cipherKey|key)["']?[ \t]*:[ \t]*)("[^"\n]*"|'[^'\n]*'|[^\s,}#](?:[^\n,}#]*[^\s,}#])?)/gi;
const URL_PASSWORD = /(:\/\/[^\s/:@?#"']*:)[^\s/@"']+(@)/g;

export function maskedLine(line: string): string {
  return line.replace(URL_PASSWORD, `$1${MARK}$2`).replace(VALUE, `$1${MARK}`);
}
