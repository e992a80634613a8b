/** Counts the last pieces of a stream that are equal but for white space around them. */
export class EqualPieces {
  /** The last piece without that white space. */
  bare = '';
  /** Pieces in a row that equal it, itself included. */
  count = 0;
  /** Where the first of them ends, in characters of the answer. */
  firstEndAt = 0;

  /** Takes the next piece, which ends at this place of the answer. */
  push(piece: string, endAt: number): void {
    const bare = piece.trim();
    if (bare === this.bare && this.count > 0) {
      this.count += 1;
      return;
    }
    this.bare = bare;
    this.count = 1;
    this.firstEndAt = endAt;
  }
}
