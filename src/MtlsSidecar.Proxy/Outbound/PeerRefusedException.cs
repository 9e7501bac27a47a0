using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>The peer that an upstream's connection reached was refused. Carried through <c>HttpClient</c> to the pipeline's edge.</summary>
internal sealed class PeerRefusedException(PeerRejection rejection) : IOException($"the peer was refused: {rejection.Reason}")
{
    /// <summary>Why.</summary>
    public PeerRejection Rejection { get; } = rejection;

    /// <summary>Finds the refusal among the causes of an exception.</summary>
    public static PeerRejection? FindIn(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is PeerRefusedException refused)
            {
                return refused.Rejection;
            }
        }

        return null;
    }
}
