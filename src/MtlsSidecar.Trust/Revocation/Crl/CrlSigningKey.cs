namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>A key that is known to have signed a CRL.</summary>
/// <param name="Info">Its <c>SubjectPublicKeyInfo</c>.</param>
/// <param name="Mark">The CRL's scope and the key, as <see cref="CrlWatermarks"/> counts them: to make it costs more than all else of a question.</param>
internal sealed record CrlSigningKey(byte[] Info, string Mark)
{
    /// <summary>Whether it is that key.</summary>
    public bool Is(ReadOnlySpan<byte> subjectPublicKeyInfo) => subjectPublicKeyInfo.SequenceEqual(Info);
}
