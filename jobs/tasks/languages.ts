/** Names of Tesseract's own, which are none of ISO 639 and its scripts. */
const ITS_OWN: Readonly<Record<string, string>> = {
  chi_sim: 'Simplified Chinese',
  chi_tra: 'Traditional Chinese',
  aze_cyrl: 'Azerbaijani in Cyrillic letters',
  srp_latn: 'Serbian in Latin letters',
  uzb_cyrl: 'Uzbek in Cyrillic letters',
  deu_latf: 'German in blackletter',
  frk: 'German in blackletter',
  kmr: 'Northern Kurdish',
  equ: 'mathematical formulas',
};

/** `deu+fra` → `The text is in German and French.`, for a model. A code that has no name stands as it is. */
export function languagesInWords(lang: string): string {
  const names = lang.split('+').map(nameOf);
  const list = new Intl.ListFormat('en', { type: 'conjunction' }).format(new Set(names));
  return `The text is in ${list}.`;
}

function nameOf(code: string): string {
  const known = ITS_OWN[code.toLowerCase()];
  if (known !== undefined) return known;
  const [, language, rest] = /^([a-z]{3})(_[a-z_]+)?$/.exec(code) ?? [];
  if (language === undefined) return /^[A-Z]/.test(code) ? `${code} letters` : code; // `Latin`: for all its languages
  if (rest !== undefined) return nameOf(code.slice(0, code.lastIndexOf('_'))); // such as `jpn_vert`: written downwards
  return new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? code;
}
