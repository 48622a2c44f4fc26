/** Text PostgreSQL can keep: it has no place for U+0000, and one in a stranger's name must not stop a batch. */
export function storable<T extends string | null>(text: T): T {
  return (text?.includes('\0') ? text.replaceAll('\0', '\ufffd') : text) as T;
}
