/** An address without what is nobody's business: credentials, and a query or fragment, which may hold a signature. */
export function bareAddress(url: string): string {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return url;
  const { host, pathname, protocol } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
