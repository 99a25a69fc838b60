using Google.Protobuf;

namespace PodAgent.Api.Core;

/// <summary>A volume's source, of which there should be exactly one.</summary>
public static class VolumeSources
{
    /// <summary>The sources that are given, with their names, in the order of the API.</summary>
    public static IEnumerable<(string Name, IMessage Source)> Given(VolumeSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return All(source).Where(entry => entry.Source is not null).Select(entry => (entry.Name, entry.Source!));
    }

    private static IEnumerable<(string Name, IMessage? Source)> All(VolumeSource source) =>
    [
        ("hostPath", source.HostPath),
        ("emptyDir", source.EmptyDir),
        ("gcePersistentDisk", source.GcePersistentDisk),
        ("awsElasticBlockStore", source.AwsElasticBlockStore),
        ("gitRepo", source.GitRepo),
        ("secret", source.Secret),
        ("nfs", source.Nfs),
        ("iscsi", source.Iscsi),
        ("glusterfs", source.Glusterfs),
        ("persistentVolumeClaim", source.PersistentVolumeClaim),
        ("rbd", source.Rbd),
        ("flexVolume", source.FlexVolume),
        ("cinder", source.Cinder),
        ("cephfs", source.Cephfs),
        ("flocker", source.Flocker),
        ("downwardAPI", source.DownwardAPI),
        ("fc", source.Fc),
        ("azureFile", source.AzureFile),
        ("configMap", source.ConfigMap),
        ("vsphereVolume", source.VsphereVolume),
        ("quobyte", source.Quobyte),
        ("azureDisk", source.AzureDisk),
        ("photonPersistentDisk", source.PhotonPersistentDisk),
        ("portworxVolume", source.PortworxVolume),
        ("scaleIO", source.ScaleIO),
        ("projected", source.Projected),
        ("storageos", source.Storageos),
        ("csi", source.Csi),
        ("ephemeral", source.Ephemeral),
        ("image", source.Image),
    ];
}
