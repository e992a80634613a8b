import { Page } from '../pages.js';

/** Pages by what is on them. The bound was found on pages of other seeds. */
export type Corpus = Readonly<Record<string, () => Page>>;

/** The back of a written page, shining through. */
const shineThrough = (contrast: number, seed: number) =>
  new Page({ seed }).writing({ lines: 28, contrast }).blur(3).grain(2);

/** Darker towards the spine, as an open book lies. */
const gutter = (page: Page, { from = 0, depth = 90, reach = 60 } = {}) =>
  page.change((before, { x }) => before - depth * Math.exp(-Math.abs(x - from) / reach));

/** A scanner's black lid beside a page that lies askew on the glass. */
const wedge = (page: Page, slope: number, tone = 8) =>
  page.change((before, { x, y }) => (x + y * slope > page.width - 8 ? tone : before));

const frame = (page: Page, side: number, tone: number) =>
  page
    .rect({ height: side }, tone)
    .rect({ top: page.height - side, height: side }, tone)
    .rect({ width: side }, tone)
    .rect({ left: page.width - side, width: side }, tone);

const holes = (page: Page, tone: number, count = 2) => {
  for (let hole = 0; hole < count; hole += 1) {
    page.disc({ x: 34, y: (page.height * (hole + 1)) / (count + 1) }, 9, tone);
  }
  return page;
};

const dust = (page: Page, specks: number, tone: number) => {
  for (let speck = 0; speck < specks; speck += 1) {
    const place = { x: Math.floor(page.random() * page.width), y: Math.floor(page.random() * page.height) };
    page.disc(place, page.random() < 0.3 ? 1 : 0.5, tone);
  }
  return page;
};

/** Pages on which nobody has written. */
export const BLANK: Corpus = {
  'white, without a flaw': () => new Page({ tone: 255 }),
  'grey, without a flaw': () => new Page({ tone: 180 }),
  'black, without a flaw': () => new Page({ tone: 0 }),
  'office paper': () => new Page().grain(2),
  'office paper, coarse grain': () => new Page({ seed: 1002 }).grain(3, 2),
  'recycled paper': () => new Page({ tone: 205, seed: 1003 }).grain(6),
  'recycled paper, coarse grain': () => new Page({ tone: 205, seed: 1004 }).grain(6, 3),
  'parchment in patches': () =>
    new Page({ tone: 190, seed: 1005 }).change((b, { x, y }) => b + 18 * Math.sin(x / 90) * Math.cos(y / 70)).grain(5),
  'a sheet lit from one side': () => new Page({ seed: 1006 }).change((b, { x }) => b - x * 0.14).grain(3),
  'a sheet under a lamp': () =>
    new Page({ tone: 150, seed: 1008 })
      .change((b, p) => b + 90 * Math.exp(-((p.x - 300) ** 2 + (p.y - 400) ** 2) / 90_000))
      .grain(3),
  'a book page with a deep gutter': () => gutter(new Page({ seed: 1010 }), { depth: 190, reach: 40 }).grain(3),
  'a book page, gutter right': () => gutter(new Page({ seed: 1011 }), { from: 496, depth: 120 }).grain(2),
  'a page askew on black': () => wedge(new Page({ seed: 1012 }), 0.03).grain(2),
  'a page far askew on black': () =>
    wedge(new Page({ seed: 1013 }), 0.12)
      .blur(3)
      .grain(3),
  'a page askew on grey': () =>
    wedge(new Page({ seed: 1014 }), 0.05, 70)
      .blur(3)
      .grain(2),
  'a page in a black frame': () =>
    frame(new Page({ seed: 1015 }), 30, 5)
      .blur(3)
      .grain(2),
  'a page in a wide black frame': () =>
    frame(new Page({ seed: 1016 }), 80, 12)
      .blur(5)
      .grain(3),
  'a page with a thin dark edge': () =>
    new Page({ seed: 1017 }).rect({ width: 3 }, 60).rect({ height: 2 }, 40).grain(2),
  'a page with a soft dark edge': () => new Page({ seed: 1018 }).rect({ left: 490, width: 6 }, 120).blur(5).grain(2),
  'two punch holes, grey': () =>
    holes(new Page({ seed: 1020 }), 120)
      .blur(3)
      .grain(2),
  'four punch holes': () =>
    holes(new Page({ seed: 1021 }), 20, 4)
      .blur(3)
      .grain(3),
  'punch holes with a shadow': () => {
    const page = holes(new Page({ seed: 1022 }), 90, 2);
    for (const third of [1, 2]) page.disc({ x: 36, y: (page.height * third) / 3 + 2 }, 8, 236);
    return page.blur(3).grain(2);
  },
  'holes and a black edge': () => holes(wedge(new Page({ seed: 1023 }), 0.02), 10).grain(3),
  'a black frame with grain and dust': () => dust(frame(new Page({ seed: 1035 }), 60, 14).blur(3), 60, 70).grain(6),
  'a black frame lit from one side': () =>
    frame(new Page({ seed: 1036 }), 60, 12)
      .change((b, { x }) => (b < 50 ? b + x * 0.1 : b))
      .blur(3)
      .grain(3),
  'a grey page beside a white lid': () =>
    new Page({ tone: 190, seed: 1039 }).rect({ left: 396, width: 100 }, 250).blur(3).grain(4),
  'a page on black that throws a shadow': () =>
    frame(new Page({ seed: 1043 }), 40, 10)
      .change((b, { x }) => (b > 100 && x < 60 ? b - (60 - x) * 5 : b))
      .blur(3)
      .grain(3),
  'a torn page on black': () =>
    wedge(new Page({ seed: 1037 }), 0.1)
      .change((b, { x, y }) => (x + 2 * y < 240 ? 9 : b))
      .blur(3)
      .grain(3),
  'two pages of a book on black': () =>
    frame(new Page({ seed: 1038 }), 20, 10)
      .rect({ left: 230, width: 36 }, 10)
      .blur(3)
      .grain(3),
  'much dust on the glass': () => dust(new Page({ seed: 1025 }), 250, 90).grain(3),
  'a streak of the glass': () => new Page({ seed: 1026 }).rect({ left: 300, width: 1 }, 150).grain(2),
  'the back shining through': () => shineThrough(12, 1027),
  'the back shining through more': () => shineThrough(18, 1028),
  'the back of a bold page': () =>
    new Page({ seed: 1029 }).writing({ height: 24, pitch: 44, lines: 12, contrast: 15 }).blur(5).grain(2),
  'an empty frame of microfilm': () => new Page({ tone: 225, seed: 1030 }).grain(5).negative(),
  'an empty frame with clear edges': () =>
    frame(new Page({ tone: 230, seed: 1031 }), 40, 5)
      .blur(3)
      .grain(4)
      .negative(),
  'an empty frame with dust': () =>
    dust(new Page({ tone: 228, seed: 1033 }), 120, 60)
      .grain(4)
      .negative(),
  'the back of a photograph, dark grey': () => new Page({ tone: 110, seed: 1034 }).grain(5),
};

const PLACES = [
  { x: 430, y: 40 },
  { x: 240, y: 350 },
] as const;

const few: [string, () => Page][] = [];
for (const [at, place] of PLACES.entries()) {
  few.push([
    `a stamped number, place ${at + 1}`,
    () => new Page({ seed: 1050 + at }).number(4711 + at, place).grain(3),
  ]);
  few.push([
    `a faint stamped number, place ${at + 1}`,
    () => new Page({ seed: 1060 + at }).number(208, place, { height: 14, contrast: 45 }).blur(3).grain(2),
  ]);
  few.push([
    `a small page number, place ${at + 1}`,
    () => new Page({ seed: 1070 + at }).number(7 + at * 10, place, { height: 10, contrast: 170 }).grain(3),
  ]);
  few.push([
    `a number on film, place ${at + 1}`,
    () =>
      new Page({ tone: 225, seed: 1080 + at }).number(1234, place, { height: 13, contrast: 110 }).grain(4).negative(),
  ]);
  few.push([
    `a number beside a gutter, place ${at + 1}`,
    () =>
      gutter(new Page({ seed: 1090 + at }))
        .number(55, place, { height: 13, contrast: 90 })
        .grain(3),
  ]);
  few.push([
    `a number on recycled paper, place ${at + 1}`,
    () => new Page({ tone: 205, seed: 1100 + at }).number(312, place, { height: 14, contrast: 110 }).grain(6),
  ]);
}
for (const [at, contrast] of [34, 60].entries()) {
  const from = { x: 110 + at * 60, y: 200 + at * 90 };
  few.push([
    `a pencil line of contrast ${contrast}`,
    () =>
      new Page({ seed: 1110 + at }).line(from, { x: from.x + 160, y: from.y + 14 }, { contrast, wobble: 2 }).grain(2),
  ]);
  few.push([
    `a short pencil stroke of contrast ${contrast}`,
    () =>
      new Page({ seed: 1120 + at }).line(from, { x: from.x + 30, y: from.y + 30 }, { contrast, width: 1.6 }).grain(2),
  ]);
  few.push([
    `a pencil tick of contrast ${contrast}`,
    () =>
      new Page({ seed: 1130 + at })
        .line(from, { x: from.x + 10, y: from.y + 14 }, { contrast, width: 1.8 })
        .line({ x: from.x + 10, y: from.y + 14 }, { x: from.x + 34, y: from.y - 20 }, { contrast, width: 1.8 })
        .grain(2),
  ]);
}

/** A ring, which a letter O is as well. */
const ring = (page: Page, place: { readonly x: number; readonly y: number }, tone = 30) =>
  page.disc(place, 10, tone).disc(place, 7, 236);

/** Pages with very little on them. */
export const WRITTEN: Corpus = {
  ...Object.fromEntries(few),
  'a line struck through the page': () =>
    new Page({ seed: 1140 }).line({ x: 0, y: 0 }, { x: 495, y: 701 }, { contrast: 60 }).grain(2),
  'one word': () => new Page({ seed: 1141 }).number(71_077, { x: 300, y: 200 }, { height: 12 }).grain(2),
  'one digit of a poster': () => new Page({ seed: 1142 }).number(4, { x: 100, y: 120 }, { height: 450 }).grain(2),
  'a number among punch holes': () =>
    holes(new Page({ seed: 1143 }), 10)
      .number(17, { x: 430, y: 50 }, { height: 12 })
      .grain(2),
  'a number in a black frame': () =>
    frame(new Page({ seed: 1144 }), 60, 8)
      .blur(3)
      .number(88, { x: 380, y: 560 }, { height: 13 })
      .grain(2),
  'a number askew on black': () =>
    wedge(new Page({ seed: 1145 }), 0.08)
      .number(3, { x: 100, y: 100 }, { height: 16 })
      .grain(2),
  'a number among dust': () =>
    dust(new Page({ seed: 1146 }), 150, 80)
      .number(606, { x: 200, y: 500 }, { height: 12 })
      .grain(2),
  'a number over what shines through': () => shineThrough(15, 1147).number(91, { x: 300, y: 60 }, { height: 13 }),
  'one line of writing': () => new Page({ seed: 1148 }).writing({ lines: 1 }).grain(3),
  'a line of writing that fills its picture': () =>
    new Page({ seed: 1149, width: 600, height: 40 })
      .writing({ lines: 1, top: 0, height: 40, left: 0, right: 0 })
      .grain(2),
  'a word cut out tightly': () =>
    new Page({ seed: 1150, width: 150, height: 32 }).number(5081, { x: 0, y: 0 }, { height: 32 }),
  'a light title in the dark bar above': () =>
    new Page({ seed: 1156 }).rect({ height: 150 }, 40).number(2024, { x: 60, y: 60 }, { height: 24, contrast: -200 }),
  'a light title on the dark left half': () =>
    new Page({ seed: 1157 })
      .rect({ width: 230 }, 32)
      .number(7, { x: 60, y: 300 }, { height: 20, contrast: -200 })
      .grain(3),
  'an address in the dark bar below': () =>
    new Page({ seed: 1158 })
      .rect({ top: 650, height: 52 }, 10)
      .number(88_123, { x: 60, y: 668 }, { height: 13, contrast: -180 })
      .blur(3)
      .grain(3),
  'dark writing in the clear bar of a dark slide': () =>
    new Page({ tone: 30, seed: 1159 }).rect({ height: 120 }, 240).number(12, { x: 60, y: 40 }, { height: 24 }),
  'dark writing close under a dark bar': () =>
    new Page({ seed: 1163 })
      .rect({ height: 50 }, 34)
      .number(4711, { x: 60, y: 57 }, { height: 12, contrast: 200 })
      .grain(2),
  'a number close to a black frame': () =>
    frame(new Page({ seed: 1164 }), 25, 0)
      .blur(3)
      .number(17, { x: 420, y: 34 }, { height: 14, contrast: 200 })
      .grain(2),
  'a digit close to a dark sidebar': () =>
    new Page({ seed: 1165 }).rect({ width: 180 }, 17).number(7, { x: 188, y: 300 }, { height: 13, contrast: 200 }),
  'a white headline on light grey': () =>
    new Page({ tone: 190, seed: 1166 }).number(2024, { x: 100, y: 200 }, { height: 30, contrast: -65 }).grain(2),
  'a white headline on lighter grey': () =>
    new Page({ tone: 225, seed: 1167 }).number(2024, { x: 100, y: 200 }, { height: 30, contrast: -30 }),
  'a black headline on dark grey': () =>
    new Page({ tone: 64, seed: 1168 }).number(2024, { x: 100, y: 200 }, { height: 30, contrast: 64 }).grain(2),
  'a round stamp with a white number': () =>
    new Page({ seed: 1169 })
      .disc({ x: 40, y: 250 }, 14, 60)
      .number(17, { x: 31, y: 245 }, { height: 10, contrast: -180 }),
  'a ring in the margin': () => ring(new Page({ seed: 1160 }), { x: 450, y: 40 }).grain(2),
  'two rings side by side': () => ring(ring(new Page({ seed: 1161 }), { x: 420, y: 40 }), { x: 450, y: 40 }).grain(2),
  'a line of four pixels through the whole page': () =>
    new Page({ seed: 1162 }).rect({ left: 300, width: 4 }, 60).grain(2),
  'a whole page': () => new Page({ seed: 1151 }).writing({ lines: 26 }).grain(3),
  'a whole page on film': () => new Page({ tone: 225, seed: 1152 }).writing({ lines: 26 }).grain(4).negative(),
  'film with clear edges': () =>
    frame(new Page({ tone: 230, seed: 1153 }), 40, 5)
      .writing({ lines: 2, top: 350 })
      .grain(4)
      .negative(),
  'a bold page': () => new Page({ seed: 1154 }).writing({ height: 60, pitch: 90, lines: 6 }).grain(3),
  'white chalk on a grey board': () =>
    new Page({ tone: 110, seed: 1155 }).number(42, { x: 200, y: 300 }, { height: 40, contrast: -90 }).grain(5),
};
