// A model's or the transport's own words, made safe to keep: they are a stranger's.

const detailMaxLength = 500;

/** `text` on one line, without control, format (bidi) and broken characters, at most 500 UTF-16 units; null when nothing is left. */
export function cleanDetail(text: string): string | null {
  const clean = text
    .slice(0, detailMaxLength * 4) // bounds the work; what the patterns remove is rarely three quarters
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();
  // Cutting may halve a surrogate pair; the lone half is removed.
  return clean.slice(0, detailMaxLength).replace(/\p{Cs}/gu, '') || null;
}
