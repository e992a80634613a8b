/**
 * Replaces the password of every URL in a text, one in a query too, and the query of a Redis URL, by `***`. A port is no
 * password.
 */
export function redact(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@";]*):(?!\d{1,5}[/?])[^\s";]*@/gi, '$1:***@')
    .replace(/([?&]password=)[^\s&";']+/gi, '$1***')
    .replace(/(\brediss?:\/\/[^\s?";]*)\?[^\s";]+/gi, '$1?***');
}
