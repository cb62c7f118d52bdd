// The options come in as variables, which the type-checking macros of curl.h cannot judge.
#define CURL_DISABLE_TYPECHECK
#include "shim.h"

CURLcode fixative_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode fixative_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode fixative_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode fixative_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode fixative_curl_set_mime(CURL *handle, curl_mime *form) {
    return curl_easy_setopt(handle, CURLOPT_MIMEPOST, form);
}

CURLcode fixative_curl_set_headers(CURL *handle, struct curl_slist *headers) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}

CURLcode fixative_curl_on_body(CURL *handle, fixative_curl_sink sink, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, sink);
    return code ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

CURLcode fixative_curl_on_header(CURL *handle, fixative_curl_sink sink, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, sink);
    return code ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

CURLcode fixative_curl_from(CURL *handle, fixative_curl_source source, fixative_curl_seek seek, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, source);
    code = code ? code : curl_easy_setopt(handle, CURLOPT_READDATA, context);
    code = code ? code : curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, seek);
    return code ? code : curl_easy_setopt(handle, CURLOPT_SEEKDATA, context);
}

CURLcode fixative_curl_on_progress(CURL *handle, fixative_curl_progress progress, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
    code = code ? code : curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
    return code ? code : curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

long fixative_curl_get_long(CURL *handle, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(handle, info, &value) ? 0 : value;
}

curl_off_t fixative_curl_get_offset(CURL *handle, CURLINFO info) {
    curl_off_t value = 0;
    return curl_easy_getinfo(handle, info, &value) ? 0 : value;
}

const char *fixative_curl_get_string(CURL *handle, CURLINFO info) {
    char *value = 0;
    return curl_easy_getinfo(handle, info, &value) ? 0 : value;
}
