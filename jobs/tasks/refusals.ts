/** A model that refuses says little else. A page that holds such a sentence is longer, or does not begin with it. */
const LONGEST_REFUSAL = 400;
const MOST_LINES = 4;

/** What of a sentence says that it ends here, or that only a reason follows: `I cannot see the image clearly` goes on. */
const END = '(?:[.!,;:—-]|$|\\s+(?:directly|because|since|as|or|and|but|you|that you|in (?:this|our|your)|here)\\b)';

const SORRY = "(?:(?:I(?:'|’)?m|I am|my apologies|apologies|unfortunately|sorry)[^.!\\n]{0,20}[,.!] *(?:but )?)?";
const CANNOT =
  "I(?: am|(?:'|’)m)? *(?:sorry,? but I )?(?:currently |actually |still )?(?:can(?:'|’)?t|cannot|can not|unable to|not able to|do not have the ability to|don(?:'|’)?t have the ability to)";
const SEE =
  '(?:directly |actually )?(?:see|view|access|open|process|analy[sz]e|interpret|display|read)(?:,? (?:or|and) [a-z]+)?';
const IMAGE =
  '(?:the |an? |any |this |that |your )?(?:attached |uploaded |provided |actual )?(?:images?|pictures?|photos?)';

const SEEMS = '(?:It (?:seems|looks|appears)(?: like| that| as if| as though)? *)';
const GIVEN = '(?:attached|provided|uploaded|included|shared|sent)';

/** How models say that they see no image, or will not say what is on it, at the beginning of an answer. */
const REFUSALS: readonly RegExp[] = [
  `${SORRY}${CANNOT} ${SEE} ${IMAGE}(?: files?| content)?(?: attached| provided| uploaded)?${END}`,
  `${SORRY}${CANNOT} (?:assist|help)(?: you)? with (?:that|this)`,
  `${SORRY}${CANNOT} (?:fulfil+|comply with) (?:that|this|your) request`,
  `${SORRY}${SEEMS}?(?:I (?:do not|don(?:'|’)?t) see|there(?: is|(?:'|’)s| was| is not| isn(?:'|’)?t| does not appear to be| doesn(?:'|’)?t appear to be)) (?:an?|any|no) (?:image|picture|photo)s? (?:${GIVEN}|in (?:your|this|our) (?:message|conversation|chat))`,
  `${SORRY}${SEEMS}(?:you (?:have not|haven(?:'|’)?t|did not|didn(?:'|’)?t|forgot to) (?:yet |actually )?(?:${GIVEN}|attach|provide|upload|include|share|send) ${IMAGE}|(?:the|your) (?:image|picture|photo)s? (?:was not|wasn(?:'|’)?t|is not|isn(?:'|’)?t|did not|didn(?:'|’)?t) (?:${GIVEN}|attach|upload|load|come through))`,
  `${SORRY}${SEEMS}?no (?:images?|pictures?|photos?) (?:was|were|is|are|has been|have been) (?:actually )?${GIVEN}(?: (?:with|to|in) (?:your|this|the|our) (?:message|request|prompt|question|conversation|chat))?(?:[.!,;]|$|\\s+(?:so|for me)\\b)`,
  `${SORRY}(?:(?:sure|of course|certainly)[,.!] *)?please (?:provide|upload|attach|share|send)(?: me)?(?: with)? ${IMAGE}(?: files?)?,? (?:(?:that |which )?you(?: would|(?:'|’)?d)? (?:like|want) me to|so (?:that )?I can)\\b`,
  "As an? (?:AI|artificial intelligence|large language model|language model|text[- ]based)[^.\\n]{0,80}\\bI(?: am|(?:'|’)m)? *(?:can(?:'|’)?t|cannot|unable|not able|do not have|don(?:'|’)?t have)",
  '(?:(?:Es )?tut mir leid,? *(?:aber )?|leider )?(?:ich kann|kann ich) (?:leider )?(?:(?:das|dieses|dein|Ihr) Bild(?: leider)? nicht|keine Bilder) (?:direkt )?(?:sehen|ansehen|anzeigen|öffnen|analysieren|verarbeiten)',
  'Als (?:KI|Sprachmodell|künstliche Intelligenz)[^.\\n]{0,60}\\bkann ich\\b[^.\\n]{0,60}\\b(?:nicht|keine)\\b',
  "(?:(?:Je suis )?désolée?,? *(?:mais )?)?je ne (?:peux|suis) pas (?:en mesure de |capable de )?(?:voir|visualiser|analyser|accéder à|afficher) (?:l['’]image|cette image|les images|des images|d['’]images?)(?:[.!,;]|$)",
  '(?:Lo siento,? *(?:pero )?)?no puedo (?:ver|visualizar|analizar|acceder a) (?:la imagen|esta imagen|las imágenes|imágenes)(?:[.!,;]|$)',
  "(?:Mi dispiace,? *(?:ma )?)?non (?:posso|riesco a) (?:vedere|visualizzare|analizzare) (?:l['’]immagine|le immagini|immagini)(?:[.!,;]|$)",
  '(?:Desculpe,? *(?:mas )?)?(?:eu )?não (?:posso|consigo) (?:ver|visualizar|analisar) (?:a imagem|imagens|as imagens)(?:[.!,;]|$)',
  '(?:抱歉|对不起|很抱歉)?[，,]?我?(?:无法|不能)(?:直接)?(?:看到|查看|识别|分析|访问)[^。\\n]{0,6}(?:图片|图像)',
  '(?:申し訳ありません(?:が)?、?)?(?:私は)?画像を(?:直接)?(?:見る|表示する|確認する|認識する|閲覧する)ことは?が?できません',
].map((start) => new RegExp(`^["“]?${start}`, 'iu'));

/** Why a short answer that begins as a refusal is none, quoting it; null for any other. */
export function refusalIn(text: string): string | null {
  if (text.length > LONGEST_REFUSAL || text.split('\n').length > MOST_LINES) return null;
  if (!REFUSALS.some((refusal) => refusal.test(text))) return null;
  return `The model gave no answer. It said: ${JSON.stringify(text)}`;
}
