/** Where photos are had. */
export const photoAddress = (sha256: string, size: 'thumb' | 'view') => `/api/v1/photos/${sha256}/${size}`
