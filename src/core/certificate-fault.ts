/** What is wrong with a server's certificate, and what to do about it. */
export interface CertificateFault {
  /** Goes on after "it", such as `has a certificate that has expired`. */
  readonly reason: string;
  readonly fix: string;
}

const UNKNOWN_AUTHORITY =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE)$/;
const OTHER_FAULT = /^(CERT_|ERR_TLS_CERT_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/;

/**
 * Reads the code that Node gives a refused certificate.
 *
 * @param trust - the setting that names further authorities, as a user writes it
 * @returns null where the code says something else
 */
export function certificateFault(code: string, trust: string): CertificateFault | null {
  if (UNKNOWN_AUTHORITY.test(code)) {
    return {
      reason: 'has a certificate of an authority that is not trusted here',
      fix: `Name the certificate of that authority: ${trust}.`,
    };
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return { reason: 'has a certificate that has expired', fix: 'Renew it there, or check the clock of this machine.' };
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return { reason: 'has a certificate that is not valid yet', fix: 'Check the clocks of both machines.' };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return { reason: 'has a certificate for another name', fix: 'Call it by a name that its certificate is for.' };
  }
  return OTHER_FAULT.test(code)
    ? { reason: 'has a certificate that cannot be used', fix: 'Look at the certificate there.' }
    : null;
}

/** Whether a server that was spoken to in TLS answered with something else. */
export function speaksNoTls(code: string): boolean {
  return /^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)|EPROTO)$/.test(code);
}
