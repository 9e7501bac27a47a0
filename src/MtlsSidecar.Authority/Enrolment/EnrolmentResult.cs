using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Enrolment;

/// <summary>The outcome of an enrolment: a certificate or a refusal.</summary>
internal abstract record EnrolmentResult
{
    private EnrolmentResult()
    {
    }

    /// <summary>The certificate, which is recorded.</summary>
    /// <param name="Certificate">The certificate.</param>
    /// <param name="IsRepeated">Whether it had been given before, and the caller asked again.</param>
    internal sealed record Issued(CertificateRecord Certificate, bool IsRepeated = false) : EnrolmentResult;

    /// <summary>Nothing was issued.</summary>
    /// <param name="Reason">Why, by its stable name.</param>
    /// <param name="Detail">What was found, for the audit; never told to the caller, since it may quote the request.</param>
    internal sealed record Refused(EnrolmentRefusal Reason, string Detail) : EnrolmentResult;
}
