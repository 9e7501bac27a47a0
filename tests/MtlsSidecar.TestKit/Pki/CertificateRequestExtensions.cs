using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>Changes to a certificate request that forge one flaw.</summary>
public static class CertificateRequestExtensions
{
    /// <summary>Puts an extension in the place of the one of the same kind, or adds it.</summary>
    public static void Replace(this CertificateRequest request, X509Extension extension)
    {
        request.Remove(extension.Oid!.Value!);
        request.CertificateExtensions.Add(extension);
    }

    /// <summary>Leaves an extension out.</summary>
    public static void Remove(this CertificateRequest request, string oid)
    {
        foreach (var present in request.CertificateExtensions.Where(present => present.Oid!.Value == oid).ToList())
        {
            request.CertificateExtensions.Remove(present);
        }
    }

    /// <summary>Adds an extension whose value a test writes itself.</summary>
    public static void Add(this CertificateRequest request, string oid, bool critical, Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        request.Replace(new X509Extension(oid, writer.Encode(), critical));
    }

    /// <summary>Adds subject alternative names, each written by a test.</summary>
    public static void AddNames(this CertificateRequest request, params Action<AsnWriter>[] names)
        => request.Add("2.5.29.17", critical: false, writer =>
        {
            using (writer.PushSequence())
            {
                foreach (var name in names)
                {
                    name(writer);
                }
            }
        });

    /// <summary>Adds critical name constraints; each subtree is a general name that a test writes.</summary>
    public static void AddNameConstraints(this CertificateRequest request, Action<AsnWriter>[] permitted, Action<AsnWriter>[] excluded)
        => request.Add("2.5.29.30", critical: true, writer =>
        {
            using (writer.PushSequence())
            {
                WriteSubtrees(writer, 0, permitted);
                WriteSubtrees(writer, 1, excluded);
            }
        });

    private static void WriteSubtrees(AsnWriter writer, int tag, Action<AsnWriter>[] subtrees)
    {
        if (subtrees.Length == 0)
        {
            return;
        }

        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, tag)))
        {
            foreach (var subtree in subtrees)
            {
                using (writer.PushSequence())
                {
                    subtree(writer);
                }
            }
        }
    }
}
