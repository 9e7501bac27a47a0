namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>How a responder is asked (RFC 6960 Appendix A.1).</summary>
public enum OcspMethod
{
    /// <summary>POST. The default: every responder takes it, and no cache on the way can hold back a revocation.</summary>
    Post,

    /// <summary>GET while the request is below 255 bytes in all (RFC 5019 §5), which lets HTTP caches answer; else POST.</summary>
    Get,
}
