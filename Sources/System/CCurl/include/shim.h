#pragma once

#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one function for each type of value.

CURLcode fixative_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode fixative_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode fixative_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode fixative_curl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode fixative_curl_set_mime(CURL *handle, curl_mime *form);
CURLcode fixative_curl_set_headers(CURL *handle, struct curl_slist *headers);

typedef size_t (*fixative_curl_sink)(char *bytes, size_t size, size_t count, void *context);
typedef size_t (*fixative_curl_source)(char *bytes, size_t size, size_t count, void *context);
typedef int (*fixative_curl_seek)(void *context, curl_off_t offset, int origin);
typedef int (*fixative_curl_progress)(
    void *context, curl_off_t to_receive, curl_off_t received, curl_off_t to_send, curl_off_t sent);

CURLcode fixative_curl_on_body(CURL *handle, fixative_curl_sink sink, void *context);
CURLcode fixative_curl_on_header(CURL *handle, fixative_curl_sink sink, void *context);
CURLcode fixative_curl_from(CURL *handle, fixative_curl_source source, fixative_curl_seek seek, void *context);
CURLcode fixative_curl_on_progress(CURL *handle, fixative_curl_progress progress, void *context);

long fixative_curl_get_long(CURL *handle, CURLINFO info);
curl_off_t fixative_curl_get_offset(CURL *handle, CURLINFO info);
/// Lives as long as the handle's next transfer; null when there is none.
const char *fixative_curl_get_string(CURL *handle, CURLINFO info);

// These are macros, which Swift does not see.
enum {
    fixative_curl_global_default = CURL_GLOBAL_DEFAULT,
    fixative_curl_error_size = CURL_ERROR_SIZE,
    fixative_curl_read_abort = CURL_READFUNC_ABORT,
};
