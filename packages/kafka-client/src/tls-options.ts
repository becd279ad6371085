/** TLS: false or none, by the certificate authorities of Node, or by PEM texts (`key` and `cert`: who we are). */
export type TlsOptions = boolean | { readonly ca?: string; readonly key?: string; readonly cert?: string }
