//! The errors of HTTP by their names, as @fastify/sensible has them.

use super::IOServerError;

macro_rules! errors {
    ($($status:literal $name:ident $([$alias:literal])? $class:literal $message:literal),* $(,)?) => {
        /// Errors with the statuses, names and texts of @fastify/sensible, such as its
        /// `reply.notFound()`. [`with_message`](IOServerError::with_message) gives one another text.
        ///
        /// ```
        /// use ioserver::IOServerError;
        ///
        /// fn find(id: u32) -> ioserver::Result<&'static str> {
        ///     match id {
        ///         7 => Ok("Ada"),
        ///         0 => Err(IOServerError::bad_request().with_message("ids begin at 1")),
        ///         _ => None.ok_or_else(IOServerError::not_found),
        ///     }
        /// }
        ///
        /// let error = find(1).unwrap_err();
        /// assert_eq!((error.status(), error.name(), error.message()), (404, Some("NotFoundError"), "Not Found"));
        /// ```
        impl IOServerError {
            $(
                #[doc = concat!("A ", stringify!($status), " `", $class, "`: ", $message, ".")]
                $(#[doc(alias = $alias)])?
                #[must_use]
                pub fn $name() -> Self {
                    Self::new($message, $status).with_name($class)
                }
            )*
        }
    };
}

errors! {
    400 bad_request ["badRequest"] "BadRequestError" "Bad Request",
    401 unauthorized "UnauthorizedError" "Unauthorized",
    402 payment_required ["paymentRequired"] "PaymentRequiredError" "Payment Required",
    403 forbidden "ForbiddenError" "Forbidden",
    404 not_found ["notFound"] "NotFoundError" "Not Found",
    405 method_not_allowed ["methodNotAllowed"] "MethodNotAllowedError" "Method Not Allowed",
    406 not_acceptable ["notAcceptable"] "NotAcceptableError" "Not Acceptable",
    407 proxy_authentication_required ["proxyAuthenticationRequired"] "ProxyAuthenticationRequiredError" "Proxy Authentication Required",
    408 request_timeout ["requestTimeout"] "RequestTimeoutError" "Request Timeout",
    409 conflict "ConflictError" "Conflict",
    410 gone "GoneError" "Gone",
    411 length_required ["lengthRequired"] "LengthRequiredError" "Length Required",
    412 precondition_failed ["preconditionFailed"] "PreconditionFailedError" "Precondition Failed",
    413 payload_too_large ["payloadTooLarge"] "PayloadTooLargeError" "Payload Too Large",
    414 uri_too_long ["uriTooLong"] "URITooLongError" "URI Too Long",
    415 unsupported_media_type ["unsupportedMediaType"] "UnsupportedMediaTypeError" "Unsupported Media Type",
    416 range_not_satisfiable ["rangeNotSatisfiable"] "RangeNotSatisfiableError" "Range Not Satisfiable",
    417 expectation_failed ["expectationFailed"] "ExpectationFailedError" "Expectation Failed",
    418 im_a_teapot ["imateapot"] "ImATeapotError" "I'm a Teapot",
    421 misdirected_request ["misdirectedRequest"] "MisdirectedRequestError" "Misdirected Request",
    422 unprocessable_entity ["unprocessableEntity"] "UnprocessableEntityError" "Unprocessable Entity",
    423 locked "LockedError" "Locked",
    424 failed_dependency ["failedDependency"] "FailedDependencyError" "Failed Dependency",
    425 too_early ["tooEarly"] "TooEarlyError" "Too Early",
    426 upgrade_required ["upgradeRequired"] "UpgradeRequiredError" "Upgrade Required",
    428 precondition_required ["preconditionRequired"] "PreconditionRequiredError" "Precondition Required",
    429 too_many_requests ["tooManyRequests"] "TooManyRequestsError" "Too Many Requests",
    431 request_header_fields_too_large ["requestHeaderFieldsTooLarge"] "RequestHeaderFieldsTooLargeError" "Request Header Fields Too Large",
    451 unavailable_for_legal_reasons ["unavailableForLegalReasons"] "UnavailableForLegalReasonsError" "Unavailable For Legal Reasons",
    500 internal_server_error ["internalServerError"] "InternalServerError" "Internal Server Error",
    501 not_implemented ["notImplemented"] "NotImplementedError" "Not Implemented",
    502 bad_gateway ["badGateway"] "BadGatewayError" "Bad Gateway",
    503 service_unavailable ["serviceUnavailable"] "ServiceUnavailableError" "Service Unavailable",
    504 gateway_timeout ["gatewayTimeout"] "GatewayTimeoutError" "Gateway Timeout",
    505 http_version_not_supported ["httpVersionNotSupported"] "HTTPVersionNotSupportedError" "HTTP Version Not Supported",
    506 variant_also_negotiates ["variantAlsoNegotiates"] "VariantAlsoNegotiatesError" "Variant Also Negotiates",
    507 insufficient_storage ["insufficientStorage"] "InsufficientStorageError" "Insufficient Storage",
    508 loop_detected ["loopDetected"] "LoopDetectedError" "Loop Detected",
    509 bandwidth_limit_exceeded ["bandwidthLimitExceeded"] "BandwidthLimitExceededError" "Bandwidth Limit Exceeded",
    510 not_extended ["notExtended"] "NotExtendedError" "Not Extended",
    511 network_authentication_required ["networkAuthenticationRequired"] "NetworkAuthenticationRequiredError" "Network Authentication Required",
}
